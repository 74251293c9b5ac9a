/** All commands, in the order in which help groups them and suggestions are made. */
import type { Command } from '../command.ts'
import { annotateCommand } from './annotate.ts'
import { applyCommand } from './apply.ts'
import { createCommand } from './create.ts'
import { deleteCommand } from './delete.ts'
import { describeCommand } from './describe.ts'
import { execCommand } from './exec.ts'
import { exposeCommand } from './expose.ts'
import { getCommand } from './get.ts'
import { labelCommand } from './label.ts'
import { logsCommand } from './logs.ts'
import { cordonCommand, drainCommand, uncordonCommand } from './nodes.ts'
import { optionsCommand } from './options.ts'
import { patchCommand } from './patch.ts'
import { runCommand } from './run.ts'
import { scaleCommand } from './scale.ts'
import { setCommand } from './set.ts'
import { taintCommand } from './taint.ts'
import { versionCommand } from './version.ts'

export const COMMANDS: readonly Command[] = [
  createCommand,
  exposeCommand,
  runCommand,
  setCommand,
  getCommand,
  deleteCommand,
  scaleCommand,
  cordonCommand,
  uncordonCommand,
  drainCommand,
  taintCommand,
  describeCommand,
  logsCommand,
  execCommand,
  applyCommand,
  patchCommand,
  labelCommand,
  annotateCommand,
  versionCommand,
  optionsCommand,
]
