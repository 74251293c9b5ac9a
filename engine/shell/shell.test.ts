import { expect, test } from 'vitest'
import { afterInput, type Command, type ShellFiles } from './command.ts'
import { parseScript } from './parse.ts'
import { resume, type ShellHost } from './run.ts'
import { newShell, type Shell, withScript } from './state.ts'

const sleep: Command<number> = {
  run: (_state, input, host) => {
    if (input.type === 'woke') return [0, { exit: 0 }]
    return [0, { wakeAt: host.now() + Number(host.argv[1]) * 1000 }]
  },
}

const cat = afterInput(
  () => true,
  (input) => ({ out: input }),
)

const upper = afterInput(
  () => true,
  (input) => ({ out: input.toUpperCase() }),
)

const COMMANDS: Record<string, Command> = { sleep, cat, upper } as Record<string, Command>

function memoryFiles(files: Map<string, string>): ShellFiles {
  return {
    read: (path) => files.get(path) ?? { failure: 'No such file or directory' },
    write: (path, text) => void files.set(path, text),
    list: (path) =>
      [...files.keys()].filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1)),
    stat: (path) => {
      const text = files.get(path)
      return text === undefined ? undefined : { kind: 'file', mode: 0o644, size: text.length, modified: 0 }
    },
    makeDirectory: () => undefined,
    remove: () => undefined,
  }
}

/** Runs a script to its end, writing the shell down as JSON and reading it back at every wait. */
function play(text: string, files = new Map<string, string>()) {
  const parsed = parseScript(text)
  if (!('script' in parsed)) return { out: '', err: JSON.stringify(parsed), code: -1, now: 0 }
  let now = 1000
  const host: ShellHost = {
    files: memoryFiles(files),
    now: () => now,
    draw: () => 0.5,
    command: (name) => COMMANDS[name],
    commandNames: () => Object.keys(COMMANDS),
    interactive: false,
    columns: 80,
    rows: 24,
  }
  let shell = withScript(
    newShell({ name: 'bash', environment: { HOME: '/home', A: 'x' }, directory: '/home' }),
    parsed.script,
  )
  let [out, err] = ['', '']
  for (let turns = 0; turns < 100; turns++) {
    const [next, output] = resume(shell, { type: 'go' }, host)
    for (const { stream, text } of output.printed) stream === 'stdout' ? (out += text) : (err += text)
    if (output.done !== undefined) return { out, err, code: output.done, now: now - 1000 }
    shell = JSON.parse(JSON.stringify(next)) as Shell
    if (output.wakeAt === undefined) break
    now = output.wakeAt
  }
  return { out, err, code: -2, now: now - 1000 }
}

const SCRIPTS: readonly (readonly [what: string, script: string, out: string])[] = [
  ['words', 'echo a  b "c  d" \'e $A\' $A "${A}y" \\$A', 'a b c  d e $A x xy $A\n'],
  ['and and or', 'true && echo yes || echo no; false && echo yes || echo no', 'yes\nno\n'],
  ['pipes', 'echo hello | upper | cat', 'HELLO\n'],
  ['substitution', 'x=$(echo a; echo b); echo "[$x]" $x `echo c`', '[a\nb] a b c\n'],
  ['loops', 'for i in 1 2 3; do if [ $i -eq 2 ]; then continue; fi; echo $i; done', '1\n3\n'],
  ['while with arithmetic', 'i=0; while [ $i -lt 3 ]; do i=$((i + 1)); echo -n "$i "; done', '1 2 3 '],
  ['break', 'while true; do echo once; break; done; echo after', 'once\nafter\n'],
  ['case', 'case web-1 in db-*) echo db;; web-[0-9]) echo web;; *) echo other;; esac', 'web\n'],
  ['functions', 'f() { local A=1; echo $A $1 $#; return 3; }; f p q; echo $? $A', '1 p 2\n3 x\n'],
  ['here-document', "cat <<EOF\nA is $A\nEOF\ncat <<'EOF'\nA is $A\nEOF", 'A is x\nA is $A\n'],
  ['defaults', 'echo ${B:-none} ${A:+some} ${#A} ${B:=set} $B', 'none some 1 set set\n'],
  ['suffixes', 'p=a/b.tar.gz; echo ${p##*/} ${p%.gz} ${p%%.*} ${p/b/c}', 'b.tar.gz a/b.tar a/b a/c.tar.gz\n'],
  ['subshell', '(A=y; echo $A); echo $A', 'y\nx\n'],
  ['files', 'echo one > f; echo two >> f; cat < f; cat f* | upper', 'one\ntwo\n'],
  [
    'redirects',
    'nosuch 2>/dev/null; echo $?; { echo a; nosuch; } 2>&1 | cat',
    '127\na\nbash: nosuch: command not found\n',
  ],
  ['braces', 'echo a{b,c}d {1..3}', 'abd acd 1 2 3\n'],
  ['double brackets', '[[ $A == x* && -z "" ]] && echo yes; [[ abc =~ ^a.c$ ]] && echo match', 'yes\nmatch\n'],
  ['printf', 'printf "%s-%02d\\n" a 1 b 2', 'a-01\nb-02\n'],
  ['negation', '! false && echo yes', 'yes\n'],
  ['nested shell', "sh -c 'echo $0 $1; exit 4' zero one; echo $?", 'bash one\n4\n'],
  ['set -e', 'sh -c "set -e; false; echo never"; echo $?', '1\n'],
  ['read', 'printf "a b c\\nd\\n" | while read x y; do echo "$y-$x"; done', 'b c-a\n-d\n'],
  ['eval', 'eval "echo $A" \'$A\'', 'x x\n'],
]

for (const [what, script, out] of SCRIPTS)
  test(`the shell: ${what}`, () => {
    const result = play(script)
    expect(result.err).toBe('')
    expect(result.out).toBe(out)
  })

test('a loop that sleeps goes on after each sleep, and time passes', () => {
  expect(play('for i in 1 2; do sleep 3; echo $i; done')).toMatchObject({ out: '1\n2\n', now: 6000 })
})

test('a job in the background runs beside the script, and wait waits for it', () => {
  expect(play('sleep 5 & sleep 1; echo first; wait; echo second')).toMatchObject({ out: 'first\nsecond\n', now: 5000 })
})

test('a pipeline streams through a command that waits', () => {
  expect(play('{ echo a; sleep 2; echo b; } | cat; echo end')).toMatchObject({ out: 'a\nb\nend\n', now: 2000 })
})

test('what is open asks for more lines, and what is wrong says where', () => {
  for (const text of ['echo "a', 'for i in 1; do', 'cat <<EOF\na', 'if true', 'a |', 'x=$(echo'])
    expect(parseScript(text)).toEqual({ incomplete: true })
  expect(parseScript('echo )')).toEqual({ error: "syntax error near unexpected token `)'" })
  expect(parseScript('fi')).toEqual({ error: "syntax error near unexpected token `fi'" })
})

test('a loop that never waits lets time pass instead of hanging', () => {
  const result = play('while true; do :; done')
  expect(result.code).toBe(-2)
  expect(result.now).toBeGreaterThan(50)
})
