import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))

/** Names that the entry exports, without those of the contract, and of each interface its members. */
const namesOf = (entry: string): string[] => {
  const program = ts.createProgram([`${folder}/${entry}`], {
    module: ts.ModuleKind.NodeNext,
    customConditions: ['source'],
    target: ts.ScriptTarget.ES2023,
    types: [],
  })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(`${folder}/${entry}`)
  const module = source && checker.getSymbolAtLocation(source)
  if (module === undefined) throw new Error(`${entry} exports nothing`)
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol =
      (exported.flags & ts.SymbolFlags.Alias) === 0 ? exported : checker.getAliasedSymbol(exported)
    const declarations = symbol.declarations ?? []
    if (!declarations.some((one) => one.getSourceFile().fileName.startsWith(folder))) return []
    const members = declarations
      .filter(ts.isInterfaceDeclaration)
      .flatMap((declaration) => declaration.members)
      .map((member) => `${exported.name}.${member.name?.getText() ?? ''}`)
    return [exported.name, ...members]
  })
}

it('has a heading for each name, method and option', async () => {
  const readme = await readFile(`${folder}/README.md`, 'utf8')
  const headings = new Set([...readme.matchAll(/^#{2,4} (\S+)$/gm)].map(([, heading]) => heading))
  const names = [...namesOf('src/index.ts'), ...namesOf('src/react/index.ts')]
  expect(names.length).toBeGreaterThan(100)
  expect(names.filter((name) => !headings.has(name))).toEqual([])
})
