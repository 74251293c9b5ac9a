/** All commands, in the order in which help groups them and suggestions are made. */
import type { Command } from '../command.ts'
import { annotateCommand } from './annotate.ts'
import { createCommand } from './create.ts'
import { labelCommand } from './label.ts'
import { optionsCommand } from './options.ts'
import { patchCommand } from './patch.ts'
import { setCommand } from './set.ts'
import { versionCommand } from './version.ts'

export const COMMANDS: readonly Command[] = [createCommand, setCommand, patchCommand, labelCommand, annotateCommand, optionsCommand, versionCommand]
