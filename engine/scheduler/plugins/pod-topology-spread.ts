/**
 * Copies of a program should not all stand in one place. Constraints say over which places (nodes, zones) Pods of some description are
 * to be spread, how evenly, and whether that is a must. Pods without constraints are spread softly, if a
 * Service or a workload says that they belong together.
 *
 * Upstream: pkg/scheduler/framework/plugins/podtopologyspread
 */
import type { KubeObject } from '../../api/object.ts'
import { controllerOf, keyFor } from '../../api/object.ts'
import { type LabelSelector, type Labels, matchesLabels, type Selector, selectorOf, selectorText } from '../../api/selector.ts'
import type { Event } from '../event.ts'
import type { Incoming } from '../incoming.ts'
import type { NodeFacts } from '../node-facts.ts'
import { nodeWishText, wantsNode } from '../node-selecting.ts'
import type { Pod, TopologySpreadConstraint } from '../objects.ts'
import { type Cluster, HIGHEST_SCORE, type Plugin, type Scores } from '../plugin.ts'
import { refused, unresolvable } from '../refusal.ts'
import { type Services, serviceSelector } from '../services.ts'
import type { Choice, Description, Tally } from '../tally.ts'
import { hasUntolerated } from '../tolerating.ts'

export interface PodTopologySpreadArgs {
  readonly defaultingType?: 'System' | 'List'
  readonly defaultConstraints?: readonly TopologySpreadConstraint[]
}
