/**
 * What happens to a scheduler, beside the news and the answers that reach every component.
 */
export type SchedulerFact =
  /** The next Pod in line is taken and a node is looked for. */
  | { readonly type: 'cycle/due' }
  /** The clock of one second that empties the back-off queues of what has waited long enough. */
  | { readonly type: 'backoff/flushed' }
  /** The clock of thirty seconds that tries Pods again which nothing has woken for five minutes. */
  | { readonly type: 'unschedulable/flushed' }
