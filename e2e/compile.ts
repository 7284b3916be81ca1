import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import type { Fence } from './documents.js'

const repository = fileURLToPath(new URL('..', import.meta.url))

/** Files that exist only for one compilation: path from the root of the repository -> text. */
export type VirtualFiles = Readonly<Record<string, string>>

/**
 * What the compiler says of `files`, each as if it stood at its path, under the flags of tsconfig.base.json.
 * Problems of the files that they import are not reported.
 */
export const diagnosticsOf = (files: VirtualFiles, extra: ts.CompilerOptions = {}): string[] => {
  const textByPath = new Map(
    Object.entries(files).map(([path, text]) => [`${repository}${path}`, text]),
  )
  const options: ts.CompilerOptions = {
    ...baseOptions(),
    composite: false,
    declaration: false,
    noEmit: true,
    ...extra,
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => textByPath.has(path) || fileExists(path)
  host.readFile = (path) => textByPath.get(path) ?? readFile(path)
  host.getSourceFile = (path, languageVersion, ...rest) => {
    const text = textByPath.get(path)
    return text === undefined
      ? getSourceFile(path, languageVersion, ...rest)
      : ts.createSourceFile(path, text, languageVersion)
  }
  const program = ts.createProgram([...textByPath.keys()], options, host)
  return [...textByPath.keys()]
    .flatMap((path) => {
      const file = program.getSourceFile(path)
      if (file === undefined) throw new Error(`${path} was not compiled.`)
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
    })
    .map(({ file, start = 0, messageText }) => {
      const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1
      const name = file?.fileName.slice(repository.length) ?? ''
      return `${name}:${String(line)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    })
}

const baseOptions = (): ts.CompilerOptions => {
  const path = `${repository}tsconfig.base.json`
  // The file is JSON with comments; what it says is checked by the next call.
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as {
    config: unknown
  }
  const { options, errors } = ts.parseJsonConfigFileContent(
    { ...(config as object), files: [] },
    ts.sys,
    repository,
  )
  const real = errors.filter(({ code }) => code !== EMPTY_FILES_LIST)
  if (real.length > 0) throw new Error(JSON.stringify(real.map(({ messageText }) => messageText)))
  return options
}

const EMPTY_FILES_LIST = 18002

/** What is wrong with the syntax of a block of code; undefined where nothing is. SQL runs elsewhere. */
export const syntaxErrorOf = ({ language, code }: Fence): string | undefined => {
  const check = SYNTAX[language]
  return check === undefined ? `"${language}" is no language that is known here` : check(code)
}

const script = (code: string, fileName = 'fence.tsx'): string | undefined => {
  const { diagnostics = [] } = ts.transpileModule(code, {
    fileName,
    reportDiagnostics: true,
    compilerOptions: { jsx: ts.JsxEmit.Preserve, target: ts.ScriptTarget.ES2023 },
  })
  const [first] = diagnostics
  return first === undefined ? undefined : ts.flattenDiagnosticMessageText(first.messageText, ' ')
}

/** Of the reference: the head of a declaration, as an editor shows it. */
const declaration = (code: string): string | undefined => {
  const whole = [`declare class Any {${code}}`, `declare ${code} {}`]
  const errors = whole.map((text) => script(text, 'fence.ts'))
  return errors.includes(undefined) ? undefined : errors[0]
}

const shell = (code: string): string | undefined => {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: code, encoding: 'utf8' })
  return status === 0 ? undefined : stderr
}

const parsedBy =
  (parse: (code: string) => unknown) =>
  (code: string): string | undefined => {
    try {
      parse(code)
      return undefined
    } catch (error) {
      return String(error)
    }
  }

/** The parser that @fastify/swagger has. */
const parseYaml = (code: string): unknown => {
  const require = createRequire(createRequire(import.meta.url).resolve('@fastify/swagger'))
  const yaml = require('yaml') as { parse: (text: string) => unknown }
  return yaml.parse(code)
}

const scriptsOf = (code: string): string | undefined =>
  [...code.matchAll(/<script[^>]*>(.*?)<\/script>/gs)]
    .map(([, inside = '']) => script(inside))
    .find((error) => error !== undefined)

const nothing = (): undefined => undefined

const SYNTAX: Readonly<Record<string, (code: string) => string | undefined>> = {
  ts: (code) => script(code, 'fence.ts'),
  typescript: declaration,
  js: (code) => script(code),
  html: scriptsOf,
  json: parsedBy((code) => JSON.parse(code) as unknown),
  yaml: parsedBy(parseYaml),
  sh: shell,
  sql: nothing,
  // Drawings, and what a program prints.
  text: nothing,
}
