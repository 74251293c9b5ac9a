/** The commands every shell here has, in a container and at the learner's terminal alike. */
import type { Command } from '../command.ts'
import { awk } from './awk/awk.ts'
import { base64 } from './encode.ts'
import { basename, chmod, cp, dirname, find, ls, mkdir, mv, rm, rmdir, tee, touch } from './files.ts'
import { grep } from './grep.ts'
import { jq } from './jq/jq.ts'
import { sed } from './sed.ts'
import { cat, column, cut, head, nl, paste, rev, sort, tac, tail, tr, uniq, wc } from './text.ts'
import { date, env, seq, sleep, timed, watch, xargs, yes } from './time.ts'

export const COMMANDS: Readonly<Record<string, Command>> = {
  awk,
  base64,
  basename,
  cat,
  chmod,
  column,
  cp,
  cut,
  date,
  dirname,
  env,
  find,
  grep,
  egrep: grep,
  head,
  jq,
  ls,
  mkdir,
  mv,
  nl,
  paste,
  printenv: env,
  rev,
  rm,
  rmdir,
  sed,
  seq,
  sleep,
  sort,
  tac,
  tail,
  tee,
  time: timed,
  touch,
  tr,
  uniq,
  watch,
  wc,
  xargs,
  yes,
} as Readonly<Record<string, Command>>
