/**
 * A pure function that remembers its answers by the identity of its argument. Objects here are never changed in place, so the same
 * object always has the same answer; nobody can see that it was not worked out anew.
 */
export function remembered<Argument extends object, Answer>(
  compute: (argument: Argument) => Answer,
): (argument: Argument) => Answer {
  const answers = new WeakMap<Argument, { readonly answer: Answer }>()
  return (argument) => {
    const known = answers.get(argument)
    if (known) return known.answer
    const answer = compute(argument)
    answers.set(argument, { answer })
    return answer
  }
}
