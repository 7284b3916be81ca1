import ts from 'typescript'

export interface FoundText {
  readonly line: number
  readonly text: string
}

/** Attributes that a browser or a component of ours shows or says. */
const SHOWN =
  /^(?:aria-(?:label|description|placeholder|roledescription|valuetext)|title|placeholder|alt|label|hint|error|detail|name|head|heading|summary|message)$/

/** Attributes of those names that hold no text where they stand on an element of HTML. */
const NOT_SHOWN_ON_ELEMENTS = /^name$/

/**
 * Finds text for people in the JSX of a file: what stands between tags, in attributes that are shown or said, and the literals of
 * expressions there. What has no letter, a sign or a number, is no text.
 */
export const findTexts = (file: string, source: string): readonly FoundText[] => {
  // In a file without JSX `<T>` is a type.
  const kind = file.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true, kind)
  const found: FoundText[] = []
  const add = (node: ts.Node, text: string): void => {
    const trimmed = text.replace(/\s+/g, ' ').trim()
    if (!/\p{L}/u.test(trimmed)) return
    const { line } = tree.getLineAndCharacterOfPosition(node.getStart())
    found.push({ line: line + 1, text: trimmed })
  }

  /** The literals that an expression may become: not what it asks, calls or compares. */
  const addValues = (expression: ts.Expression | undefined): void => {
    if (expression === undefined) return
    if (ts.isStringLiteralLike(expression)) add(expression, expression.text)
    else if (ts.isTemplateExpression(expression)) {
      add(
        expression,
        [expression.head.text, ...expression.templateSpans.map(({ literal }) => literal.text)].join(
          '',
        ),
      )
    } else if (ts.isConditionalExpression(expression)) {
      addValues(expression.whenTrue)
      addValues(expression.whenFalse)
    } else if (ts.isParenthesizedExpression(expression)) addValues(expression.expression)
    else if (ts.isBinaryExpression(expression)) {
      const { kind } = expression.operatorToken
      if (kind === ts.SyntaxKind.PlusToken || kind === ts.SyntaxKind.QuestionQuestionToken) {
        addValues(expression.left)
        addValues(expression.right)
      } else if (
        kind === ts.SyntaxKind.AmpersandAmpersandToken ||
        kind === ts.SyntaxKind.BarBarToken
      ) {
        addValues(expression.right)
      }
    }
  }

  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) add(node, node.text)
    else if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) addValues(node.expression)
    else if (ts.isJsxAttribute(node) && isShown(node)) {
      const { initializer } = node
      if (initializer === undefined) return
      addValues(ts.isJsxExpression(initializer) ? initializer.expression : initializer)
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

const isShown = (attribute: ts.JsxAttribute): boolean => {
  const name = attribute.name.getText()
  if (!SHOWN.test(name)) return false
  const tag = attribute.parent.parent.tagName.getText()
  return !(/^[a-z]/.test(tag) && NOT_SHOWN_ON_ELEMENTS.test(name))
}
