import ts from 'typescript'

/** A name that an entry of a package exports, as its users see it. */
export interface ExportedName {
  readonly name: string
  /** How it is written down, without what it does inside. */
  readonly declaration: string
  readonly doc: string
  readonly members: readonly ExportedMember[]
}

export interface ExportedMember {
  readonly name: string
  readonly declaration: string
  readonly doc: string
}

/** Reads what each of `files` exports and is declared below `folder`, in the order of the alphabet. */
export const readExports = (folder: string, files: readonly string[]): ExportedName[][] => {
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
    customConditions: ['source'],
    strict: true,
    noEmit: true,
    types: [],
  })
  const checker = program.getTypeChecker()
  const docOf = (symbol: ts.Symbol): string =>
    ts
      .displayPartsToString(symbol.getDocumentationComment(checker))
      .replaceAll(/\s*\n\s*(?![\s-])/g, ' ')

  const readName = (exported: ts.Symbol): ExportedName[] => {
    const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0
    const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported
    const [declaration] = symbol.declarations ?? []
    if (declaration?.getSourceFile().fileName.startsWith(folder) !== true) return []
    const members = ts.isInterfaceDeclaration(declaration)
      ? declaration.members.flatMap((member) => readMember(member, ''))
      : []
    const { name } = exported
    return [{ name, declaration: textOf(name, declaration), doc: docOf(symbol), members }]
  }

  /** Members of a member that is nothing but an object are its own: `inventory.list`. */
  const readMember = (member: ts.TypeElement, prefix: string): ExportedMember[] => {
    const symbol = member.name && checker.getSymbolAtLocation(member.name)
    if (symbol === undefined || !ts.isPropertySignature(member)) return []
    const name = `${prefix}${symbol.name}`
    if (member.type !== undefined && ts.isTypeLiteralNode(member.type)) {
      const inner = member.type.members.flatMap((one) => readMember(one, `${name}.`))
      if (isCalled(member.type)) return [{ name, declaration: '', doc: docOf(symbol) }, ...inner]
    }
    return [{ name, declaration: plain(member), doc: docOf(symbol) }]
  }

  return files.map((file) => {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    if (module === undefined) throw new Error(`${file} exports nothing.`)
    return checker
      .getExportsOfModule(module)
      .flatMap(readName)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  })
}

const isCalled = (type: ts.TypeLiteralNode): boolean =>
  type.members.some(
    (one) =>
      ts.isPropertySignature(one) && one.type !== undefined && ts.isFunctionTypeNode(one.type),
  )

/** A declaration on one line, without `readonly`, comments and bodies. */
const textOf = (name: string, declaration: ts.Declaration): string => {
  if (ts.isVariableDeclaration(declaration)) {
    const { initializer, type } = declaration
    if (initializer !== undefined && ts.isArrowFunction(initializer)) {
      const generic = initializer.typeParameters?.map((one) => one.getText()).join(', ')
      const parameters = initializer.parameters
        .map((one) => one.getText().replace(/ = .*$/s, ''))
        .join(', ')
      const result = initializer.type?.getText() ?? 'void'
      return oneLine(
        `${name}${generic === undefined ? '' : `<${generic}>`}(${parameters}): ${result}`,
      )
    }
    return oneLine(`${name}: ${type?.getText() ?? 'unknown'}`)
  }
  if (ts.isTypeAliasDeclaration(declaration)) return `type ${name} = ${plain(declaration.type)}`
  if (ts.isClassDeclaration(declaration)) return `class ${name}`
  return `interface ${name}`
}

const plain = (node: ts.Node): string =>
  oneLine(
    node
      .getText()
      .replaceAll(/\/\*\*.*?\*\//gs, '')
      .replaceAll(/\breadonly /g, '')
      // Line by line it needs no separators; on one line it does.
      .replaceAll(/(?<=[^{|&(,;\s])\s*\n\s*(?=[\w?]+:)/g, '; '),
  )

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
