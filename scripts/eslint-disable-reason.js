/**
 * Demands that each comment which switches a rule off says why, after ` -- `.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const disablesNeedReasons = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { missing: 'Say why the rule is off: `{{directive}} rule -- reason`.' },
  },
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          const text = comment.value.trim()
          const directive = /^(eslint-disable[\w-]*|@ts-expect-error|@ts-ignore)\b/.exec(text)?.[1]
          if (directive === undefined) continue
          const reason = directive.startsWith('@ts')
            ? text.slice(directive.length)
            : /\s--\s(.*)$/s.exec(text)?.[1]
          if (reason === undefined || reason.trim().length < 8) {
            context.report({ loc: comment.loc, messageId: 'missing', data: { directive } })
          }
        }
      },
    }
  },
}
