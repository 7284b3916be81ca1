import { fileURLToPath } from 'node:url'
import ts from 'typescript'

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
