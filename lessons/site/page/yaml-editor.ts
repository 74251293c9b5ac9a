/** The editor for manifests: CodeMirror with YAML, and under each wrong place what the engine's strict decoder says about it. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import {
  bracketMatching,
  defaultHighlightStyle,
  HighlightStyle,
  indentUnit,
  syntaxHighlighting,
} from '@codemirror/language'
import { type Diagnostic, linter, lintGutter, lintKeymap } from '@codemirror/lint'
import { Compartment, EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { FileProblem } from '../worker/problems.ts'

export interface YamlEditorHost {
  readonly problems: (text: string) => Promise<readonly FileProblem[]>
  readonly changed: (text: string) => void
  readonly save: () => void
  readonly label: string
}

export interface YamlEditor {
  readonly text: () => string
  readonly setText: (text: string) => void
  readonly focus: () => void
  readonly setDark: (dark: boolean) => void
  readonly dispose: () => void
}

const DARK_STYLE = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: '#8ac6ea' },
  { tag: [tags.string, tags.content], color: '#d5dde6' },
  { tag: tags.comment, color: '#8a97a5', fontStyle: 'italic' },
  { tag: [tags.number, tags.bool, tags.keyword], color: '#e8c574' },
  { tag: [tags.punctuation, tags.separator, tags.meta], color: '#8a97a5' },
])

const FRAME = EditorView.theme({
  '&': { height: '100%', fontSize: '13px', backgroundColor: 'transparent' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--faint)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'var(--shade)' },
  '.cm-content': { caretColor: 'var(--accent)' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--chosen) !important' },
  '.cm-tooltip': { backgroundColor: 'var(--panel)', color: 'var(--ink)', border: '1px solid var(--line)' },
})

const styleFor = (dark: boolean) => [
  syntaxHighlighting(dark ? DARK_STYLE : defaultHighlightStyle),
  EditorView.darkTheme.of(dark),
]

function diagnosticsOf(state: EditorState, problems: readonly FileProblem[]): Diagnostic[] {
  return problems.map(({ line, says }) => {
    const { from, to, text } = state.doc.line(Math.min(Math.max(1, line), state.doc.lines))
    const indent = text.length - text.trimStart().length
    return { from: Math.min(from + indent, to), to, severity: 'error', message: says }
  })
}

export function openYamlEditor(parent: HTMLElement, text: string, host: YamlEditorHost): YamlEditor {
  const style = new Compartment()
  const save = {
    key: 'Mod-s',
    preventDefault: true,
    run: () => {
      host.save()
      return true
    },
  }
  const lint = linter(async ({ state }) => diagnosticsOf(state, await host.problems(state.doc.toString())), {
    delay: 250,
  })
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        bracketMatching(),
        highlightActiveLine(),
        indentUnit.of('  '),
        yaml(),
        lint,
        style.of(styleFor(true)),
        FRAME,
        keymap.of([save, indentWithTab, ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
        EditorView.contentAttributes.of({ 'aria-label': host.label }),
        EditorView.updateListener.of((update) => update.docChanged && host.changed(update.state.doc.toString())),
      ],
    }),
  })
  return {
    text: () => view.state.doc.toString(),
    setText: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
    focus: () => view.focus(),
    setDark: (dark) => view.dispatch({ effects: style.reconfigure(styleFor(dark)) }),
    dispose: () => view.destroy(),
  }
}
