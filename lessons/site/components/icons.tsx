/** Small drawings, sixteen by sixteen, in the colour of the text around them. */
import type { JSX } from 'preact'

const icon = (drawing: JSX.Element) => (
  <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false" class="icon">
    {drawing}
  </svg>
)

const stroke = {
  fill: 'none',
  stroke: 'currentColor',
  'stroke-width': 1.6,
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
} as const

export const ICONS = {
  play: icon(<path d="M4.5 2.8v10.4l8.7-5.2z" fill="currentColor" />),
  pause: icon(<path d="M4 3h2.8v10H4zM9.2 3H12v10H9.2z" fill="currentColor" />),
  step: icon(<path d="M3 3v10l6.5-5zM11 3h2v10h-2z" fill="currentColor" />),
  undo: icon(<path d="M3 6.5h6.2a3.6 3.6 0 0 1 0 7.2H6M3 6.5 6 3.4M3 6.5l3 3.1" {...stroke} />),
  redo: icon(<path d="M13 6.5H6.8a3.6 3.6 0 0 0 0 7.2H10m3-7.2-3-3.1m3 3.1-3 3.1" {...stroke} />),
  share: icon(<path d="M8 9.5V2.2M5.3 4.6 8 2l2.7 2.6M3 8v5.3h10V8" {...stroke} />),
  reset: icon(<path d="M3 8a5 5 0 1 0 1.5-3.6L3 6m0-3v3h3" {...stroke} />),
  quiet: icon(<path d="M2 3.2v9.6L8 8zM8 3.2v9.6L14 8z" fill="currentColor" />),
  keys: icon(<path d="M1.8 4h12.4v8H1.8zM4.2 6.6h.1m2.4 0h.1m2.4 0h.1m2.4 0h.1M5 9.5h6" {...stroke} />),
  close: icon(<path d="m4 4 8 8m0-8-8 8" {...stroke} />),
  check: icon(<path d="m3.2 8.4 3.2 3.3 6.4-7" {...stroke} stroke-width={2} />),
} as const
