import ts from 'typescript'

/**
 * The exported types of `file` as declarations that need nothing else: zod's inference is worked out, so that who installs
 * the client needs no zod to read its types. Values are declared where `valuesFile` exports them too; generic types, which
 * cannot be worked out, are left out.
 */
export const plainTypesOf = (file: string, valuesFile: string): string => {
  const program = ts.createProgram([file, valuesFile], {
    strict: true,
    exactOptionalPropertyTypes: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    customConditions: ['source'],
    skipLibCheck: true,
  })
  const checker = program.getTypeChecker()
  const exportsOf = (path: string): readonly ts.Symbol[] => {
    const source = program.getSourceFile(path)
    const symbol = source && checker.getSymbolAtLocation(source)
    if (symbol === undefined) throw new Error(`${path} exports nothing.`)
    return checker.getExportsOfModule(symbol).map((found) => resolved(checker, found))
  }
  const values = new Set(exportsOf(valuesFile))
  const exported = exportsOf(file)
  const types = exported.filter((symbol) => isType(symbol) && !isGeneric(symbol))
  const printer = createPrinter(checker, types)
  /** A type inferred from `itemSchema` is called `Item`, and what is said is said of the schema. */
  const docOfSchema = (name: string): string => {
    const schemaName = `${name.charAt(0).toLowerCase()}${name.slice(1)}Schema`
    const schema = exported.find((symbol) => symbol.name === schemaName)
    return schema === undefined ? '' : docOf(checker, schema)
  }

  return exported
    .flatMap((symbol) => {
      const { name } = symbol
      if (types.includes(symbol)) {
        const text = printer.expanded(checker.getDeclaredTypeOfSymbol(symbol), name)
        return [`${docOf(checker, symbol) || docOfSchema(name)}export type ${name} = ${text}`]
      }
      if (!values.has(symbol)) return []
      const text = printer.named(checker.getTypeOfSymbol(symbol))
      return [`${docOf(checker, symbol)}export declare const ${name}: ${text}`]
    })
    .join('\n\n')
    .concat('\n')
}

const resolved = (checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol

const isType = ({ flags }: ts.Symbol): boolean =>
  (flags & (ts.SymbolFlags.TypeAlias | ts.SymbolFlags.Interface)) !== 0

const isGeneric = ({ declarations = [] }: ts.Symbol): boolean =>
  declarations.some(
    (node) =>
      (ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node)) &&
      node.typeParameters !== undefined,
  )

interface Printer {
  /** The whole of the type that is called `name`. */
  readonly expanded: (type: ts.Type, name: string) => string
  /** The type by its name where it has one, else the whole of it. */
  readonly named: (type: ts.Type) => string
}

const createPrinter = (checker: ts.TypeChecker, types: readonly ts.Symbol[]): Printer => {
  const names = new Set(types)
  /** What inference has made of an exported type inside of another one has lost its name; it is known by its look. */
  const namesByText = new Map<string, string>()

  const named = (type: ts.Type): string => {
    const symbol = type.aliasSymbol ?? type.getSymbol()
    if (symbol !== undefined && names.has(symbol)) return symbol.name
    const text = whole(type)
    return namesByText.get(text) ?? text
  }

  const whole = (type: ts.Type): string => {
    if (type.isUnion()) return unionOf(type)
    if (checker.isArrayType(type) || checker.isTupleType(type)) return listOf(type)
    if (!(type.flags & ts.TypeFlags.Object)) {
      return checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation)
    }
    const signature = type.getCallSignatures()[0]
    if (signature !== undefined) return functionOf(signature)
    const indexes = checker
      .getIndexInfosOfType(type)
      .map((index) => `[key: ${named(index.keyType)}]: ${named(index.type)}`)
    const members = [...checker.getPropertiesOfType(type).map(memberOf), ...indexes]
    return members.length === 0 ? '{}' : `{\n${indented(members.join('\n'))}\n}`
  }

  const unionOf = (type: ts.UnionType): string => {
    // The compiler takes `boolean` for a union of its two values.
    const isBoolean = (part: ts.Type): boolean => (part.flags & ts.TypeFlags.BooleanLiteral) !== 0
    const both = type.types.filter(isBoolean).length === 2
    const parts = type.types.filter((part) => !both || !isBoolean(part)).map(inList)
    const isNothing = (text: string): boolean => text === 'null' || text === 'undefined'
    return [
      ...parts.filter((text) => !isNothing(text)),
      ...(both ? ['boolean'] : []),
      ...parts.filter(isNothing),
    ].join(' | ')
  }

  const listOf = (type: ts.Type): string => {
    // Arrays and tuples are references, whose arguments are their elements.
    const reference = type as ts.TypeReference
    const elements = checker.getTypeArguments(reference).map(inList)
    const isReadonly =
      type.getSymbol()?.name === 'ReadonlyArray' ||
      (checker.isTupleType(type) && (reference.target as ts.TupleType).readonly)
    const text = checker.isTupleType(type) ? `[${elements.join(', ')}]` : `${elements.join('')}[]`
    return `${isReadonly ? 'readonly ' : ''}${text}`
  }

  const inList = (type: ts.Type): string => {
    const text = named(type)
    return /[|]|=>/.test(text) && !text.startsWith('{') ? `(${text})` : text
  }

  const functionOf = (signature: ts.Signature): string => {
    const parameters = signature
      .getParameters()
      .map((symbol) => `${symbol.name}: ${named(checker.getTypeOfSymbol(symbol))}`)
    const predicate = checker.getTypePredicateOfSignature(signature)
    const result =
      predicate?.type === undefined || predicate.parameterName === undefined
        ? named(signature.getReturnType())
        : `${predicate.parameterName} is ${named(predicate.type)}`
    return `(${parameters.join(', ')}) => ${result}`
  }

  const memberOf = (symbol: ts.Symbol): string => {
    const { name, flags, declarations = [] } = symbol
    const isReadonly = declarations.some(
      (node) => ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Readonly,
    )
    const key = /^[\w$]+$/.test(name) ? name : JSON.stringify(name)
    const optional = flags & ts.SymbolFlags.Optional ? '?' : ''
    const text = named(checker.getTypeOfSymbol(symbol))
    return `${docOf(checker, symbol)}${isReadonly ? 'readonly ' : ''}${key}${optional}: ${text}`
  }

  // Again where a name was found that stands in what was printed before it.
  for (let known = -1; known !== namesByText.size;) {
    known = namesByText.size
    for (const symbol of types) {
      const text = whole(checker.getDeclaredTypeOfSymbol(symbol))
      if (isWorthAName(text) && !namesByText.has(text)) namesByText.set(text, symbol.name)
    }
  }
  return {
    named,
    expanded: (type, name) => {
      const text = whole(type)
      const twin = namesByText.get(text)
      return twin === undefined || twin === name ? text : twin
    },
  }
}

const isWorthAName = (text: string): boolean => text.startsWith('{') || text.split(' | ').length > 2

const indented = (text: string): string => text.replaceAll(/^/gm, '  ')

const docOf = (checker: ts.TypeChecker, symbol: ts.Symbol): string => {
  const lines = ts.displayPartsToString(symbol.getDocumentationComment(checker)).split('\n')
  if (lines.join('') === '') return ''
  if (lines.length === 1) return `/** ${lines.join('')} */\n`
  return `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`
}
