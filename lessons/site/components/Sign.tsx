/** The state of a Pod as a sign: each state has its own shape, so that nothing is told by colour alone. */
import type { Look } from '../worker/scene.ts'

interface SignProps {
  /** Undefined: wanted and not there. */
  readonly look: Look | undefined
  readonly x: number
  readonly y: number
  /** Half of its width. */
  readonly size: number
}

const triangle = (r: number): string => `M0 ${-r}L${r * 1.1} ${r * 0.9}H${-r * 1.1}z`
const cross = (r: number): string => `M${-r} ${-r}L${r} ${r}M${r} ${-r}L${-r} ${r}`

function shape(look: Look | undefined, r: number) {
  switch (look) {
    case 'ready':
      return <circle r={r} class="fill" />
    case 'unready':
      return [
        <circle key="ring" r={r - 0.8} class="line" />,
        <path key="half" d={`M0 ${-r + 1.5}A${r - 1.5} ${r - 1.5} 0 0 1 0 ${r - 1.5}z`} class="fill" />,
      ]
    case 'starting':
      return <circle r={r - 0.8} class="line turning" stroke-dasharray={`${r * 1.6} ${r * 0.9}`} />
    case 'waiting':
      return <rect x={-r + 1} y={-r + 1} width={2 * r - 2} height={2 * r - 2} class="line" stroke-dasharray="2.5 2" />
    case 'failing':
      return [
        <path key="sign" d={triangle(r)} class="fill" />,
        <path key="mark" d={`M0 ${-r * 0.35}v${r * 0.55}M0 ${r * 0.58}v.1`} class="mark" />,
      ]
    case 'done':
      return <path d={`M${-r * 0.9} 0l${r * 0.6} ${r * 0.7} ${r * 1.1}-${r * 1.4}`} class="line" />
    case 'leaving':
      return <path d={cross(r * 0.7)} class="line" />
    default:
      return <circle r={r - 1} class="line" stroke-dasharray="2 2" />
  }
}

export const Sign = ({ look, x, y, size }: SignProps) => (
  <g transform={`translate(${x} ${y})`} class={`sign ${look ?? 'missing'}`}>
    {shape(look, size)}
  </g>
)
