import { readFileSync } from 'node:fs'

// The linter runs before anything is built, so the table is read as text.
const TABLE = new URL('../packages/contracts/src/errors.ts', import.meta.url)
const CODES = [...readFileSync(TABLE, 'utf8').matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(
  ([, code]) => code,
)

const COMPARISONS = new Set(['===', '!==', '==', '!='])
const LOOK_UPS = new Set(['startsWith', 'endsWith', 'includes', 'indexOf', 'has', 'test', 'match'])

/** Whether the text stands where something is decided by it; making an error or a row is no decision. */
const decides = ({ parent, value }) => {
  switch (parent.type) {
    case 'BinaryExpression':
      return COMPARISONS.has(parent.operator) && CODES.includes(value)
    case 'SwitchCase':
    case 'ArrayExpression':
      return CODES.includes(value)
    case 'CallExpression':
      return (
        parent.callee.type === 'MemberExpression' &&
        LOOK_UPS.has(parent.callee.property.name) &&
        CODES.some((code) => code.startsWith(value))
      )
    default:
      return false
  }
}

/**
 * Demands that nothing decides by the name of an error code: comparisons, cases, lists and prefixes of codes. What codes
 * have in common is a column of their table, so that a new code is obeyed by those who have never heard of it.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const noCodeNames = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      decides:
        'Do not decide by the name "{{name}}": ask the table in packages/contracts/src/errors.ts, or `retryable` and `needsNewToken` of the answer.',
    },
  },
  create(context) {
    return {
      Literal(node) {
        if (typeof node.value !== 'string' || !/^[A-Z]{3,}(?:_|$)/.test(node.value)) return
        if (!decides(node)) return
        context.report({ node, messageId: 'decides', data: { name: node.value } })
      },
    }
  },
}
