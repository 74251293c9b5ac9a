/** Help is prose and ours is our own; what it is about must agree: the usage line, the sub-commands, the flags with type, default and shorthand. */
interface Facts {
  readonly usage: string
  readonly commands: readonly string[]
  readonly flags: readonly string[]
}

function factsOf(text: string): Facts {
  const lines = text.split('\n')
  const usageAt = lines.indexOf('Usage:')
  const commands: string[] = []
  let inCommands = false
  for (const line of lines) {
    if (/Commands.*:$/.test(line)) inCommands = true
    else if (line === '' || /^\S/.test(line)) inCommands = false
    else if (inCommands) commands.push(line.trim().split(/\s+/)[0]!)
  }
  return {
    usage: (lines[usageAt + 1] ?? '').trim(),
    commands,
    flags: lines.filter((line) => /^ {4}-.*:$/.test(line)).map((line) => line.trim()),
  }
}

const missing = (wanted: readonly string[], found: readonly string[]): string | undefined => {
  const lost = wanted.find((word) => !found.includes(word))
  if (lost !== undefined) return `lacks ${lost}`
  const added = found.find((word) => !wanted.includes(word))
  return added === undefined ? undefined : `has ${added}`
}

export function helpDifference(wanted: string, found: string): string | undefined {
  const [a, b] = [factsOf(wanted), factsOf(found)]
  if (a.usage !== b.usage) return `usage ${JSON.stringify(b.usage)} instead of ${JSON.stringify(a.usage)}`
  return missing(a.commands, b.commands) ?? missing(a.flags, b.flags)
}
