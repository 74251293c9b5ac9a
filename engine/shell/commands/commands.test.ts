import { expect, test } from 'vitest'
import type { CommandHost, CommandOutput } from '../command.ts'
import { COMMANDS } from './index.ts'

/** Runs one command to its end, with all of its input at once. */
function play(
  argv: readonly string[],
  input = '',
  files: Record<string, string> = {},
): { out: string; err: string; code: number } {
  const command = COMMANDS[argv[0]!]!
  const host: CommandHost = {
    argv,
    environment: { HOME: '/home' },
    directory: '/home',
    files: {
      read: (path) => files[path] ?? { failure: 'No such file or directory' },
      write: (path, text) => {
        files[path] = text
        return undefined
      },
      list: () => [],
      stat: () => undefined,
      makeDirectory: () => undefined,
      remove: () => undefined,
    },
    now: () => 0,
    draw: () => 0,
    isTerminal: { input: false, output: false },
    columns: 80,
    rows: 24,
  }
  let [state, output]: readonly [unknown, CommandOutput] = command.run(undefined, { type: 'start' }, host)
  if (output.reads) [state, output] = command.run(state, { type: 'input', text: input, end: true }, host)
  return { out: output.stdout ?? '', err: output.stderr ?? '', code: output.exit ?? -1 }
}

const FRUIT = 'pear 3\napple 12\nfig 7\napple 1\n'

const CASES: readonly (readonly [argv: string[], input: string, out: string])[] = [
  [['grep', 'apple'], FRUIT, 'apple 12\napple 1\n'],
  [['grep', '-vc', 'apple'], FRUIT, '2\n'],
  [['grep', '-n', '-A1', 'pear'], FRUIT, '1:pear 3\n2-apple 12\n'],
  [['grep', '-oE', '[0-9]+'], FRUIT, '3\n12\n7\n1\n'],
  [['sort'], FRUIT, 'apple 1\napple 12\nfig 7\npear 3\n'],
  [['sort', '-k2', '-n', '-r'], FRUIT, 'apple 12\nfig 7\npear 3\napple 1\n'],
  [['uniq', '-c'], 'a\na\nb\n', '      2 a\n      1 b\n'],
  [['cut', '-d', ' ', '-f2'], FRUIT, '3\n12\n7\n1\n'],
  [['tr', 'a-z', 'A-Z'], 'abc', 'ABC'],
  [['tr', '-d', '\\n'], 'a\nb\n', 'ab'],
  [['head', '-2'], FRUIT, 'pear 3\napple 12\n'],
  [['tail', '-n', '+3'], FRUIT, 'fig 7\napple 1\n'],
  [['wc', '-l'], FRUIT, '4\n'],
  [['sed', 's/apple/kiwi/'], FRUIT, 'pear 3\nkiwi 12\nfig 7\nkiwi 1\n'],
  [['sed', '-n', '2,3p'], FRUIT, 'apple 12\nfig 7\n'],
  [['sed', '-E', 's/([a-z]+) ([0-9]+)/\\2 \\1/;/^7/d'], FRUIT, '3 pear\n12 apple\n1 apple\n'],
  [['sed', '/pear/,/fig/d'], FRUIT, 'apple 1\n'],
  [['awk', '{print $1}'], FRUIT, 'pear\napple\nfig\napple\n'],
  [['awk', '$2 > 5 {n++; s += $2} END {print n, s / n}'], FRUIT, '2 9.5\n'],
  [['awk', '-F:', '-v', 'x=k', 'NR==1 && /a/ {printf "%s=%s-%02d\\n", x, $2, $3}'], 'a:b:7\n', 'k=b-07\n'],
  [['awk', '{c[$1]++} END {for (k in c) print k, c[k]}'], FRUIT, 'pear 1\napple 2\nfig 1\n'],
  [['awk', 'NR > 1 {gsub(/[aeiou]/, "."); print toupper(substr($0, 1, 3)) " " length($0)}'], 'x\nbanana\n', 'B.N 6\n'],
  [['awk', '{ if ($1 ~ /^a/) print "yes"; else print "no" }'], FRUIT, 'no\nyes\nno\nyes\n'],
  [['base64', '-w', '0'], 'pässword', 'cMOkc3N3b3Jk'],
  [['base64', '-d'], 'cMOkc3N3b3Jk', 'pässword'],
  [['seq', '1', '2', '5'], '', '1\n3\n5\n'],
  [['column', '-t'], 'a b\nlong c\n', 'a     b\nlong  c\n'],
]

for (const [argv, input, out] of CASES)
  test(argv.join(' '), () => {
    expect(play(argv, input)).toEqual({ out, err: '', code: 0 })
  })

test('an option that is not known is refused by name', () => {
  expect(play(['sort', '-Z'], FRUIT)).toMatchObject({ code: 2, err: expect.stringContaining("invalid option -- 'Z'") })
})

test('a file that is not there is named', () => {
  expect(play(['cat', 'nosuch'])).toMatchObject({ code: 1, err: 'cat: nosuch: No such file or directory\n' })
})

const PODS = '{"items":[{"name":"a","n":2,"labels":{"app":"web"}},{"name":"b","n":1,"labels":{}}]}\n'

const JQ: readonly (readonly [argv: string[], out: string])[] = [
  [['-r', '.items[].name'], 'a\nb\n'],
  [['-c', '.items | sort_by(.n) | map({name, big: (.n > 1)})'], '[{"name":"b","big":false},{"name":"a","big":true}]\n'],
  [['-r', '.items[] | select(.labels.app == "web") | "\\(.name)=\\(.n)"'], 'a=2\n'],
  [['-c', '[.items[].labels.app // "none"]'], '["web"]\n'],
  [
    ['-c', 'del(.items[0]) | .items[0].labels |= with_entries(.value |= tostring) | .items[0].n += 1'],
    '{"items":[{"name":"b","n":2,"labels":{}}]}\n',
  ],
  [['--arg', 'x', 'b', '.items | map(.name) | index($x)'], '1\n'],
  [['-c', 'reduce .items[] as $item ({}; .[$item.name] = $item.n)'], '{"a":2,"b":1}\n'],
  [['.items[0].labels'], '{\n  "app": "web"\n}\n'],
]

for (const [args, out] of JQ)
  test(`jq ${args.join(' ')}`, () => {
    expect(play(['jq', ...args], PODS)).toEqual({ out, err: '', code: 0 })
  })

const JQ_REFUSALS: readonly (readonly [filter: string, code: number, err: string])[] = [
  ['.items.name', 5, 'jq: error (at <stdin>:1): Cannot index array with string "name"\n'],
  ['.nothing[]', 5, 'jq: error (at <stdin>:1): Cannot iterate over null (null)\n'],
  [
    '.items | frist',
    3,
    'jq: error: frist/0 is not defined at <top-level>, line 1:\n.items | frist         \njq: 1 compile error\n',
  ],
  [
    '.items[',
    3,
    'jq: error: syntax error, unexpected $end (Unix shell quoting issues?) at <top-level>, line 1:\n.items[      \njq: 1 compile error\n',
  ],
]

for (const [filter, code, err] of JQ_REFUSALS)
  test(`jq refuses ${filter}`, () => {
    expect(play(['jq', filter], PODS)).toEqual({ out: '', err, code })
  })

test('jq says where its input is no JSON', () => {
  expect(play(['jq', '.'], 'Error from server\n')).toMatchObject({
    code: 4,
    err: 'parse error: Invalid numeric literal at line 1, column 6\n',
  })
})
