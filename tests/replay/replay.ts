/** A recording replayed: each item agrees as a whole or not at all. One module per part of the recordings. */
export interface ReplayedItem {
  readonly id: string
  /** What the share is printed for: a folder or family of the part. */
  readonly area: string
  readonly agrees: boolean
  /** The first difference, in one line, for the one who mends it. */
  readonly difference?: string
}

/** `directory` is the part's folder, laid out like the recordings' (`…/scheduler`). */
export type Replay = (directory: string) => Iterable<ReplayedItem>
