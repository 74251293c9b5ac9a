/** Amounts as objects hold them: canonical texts, compared and added without anyone looking inside. */
import {
  addQuantities,
  compareQuantities,
  isZeroQuantity,
  milliValueOfQuantity,
  quantityOf,
  quantityText,
  roundedQuantity,
  valueOfQuantity,
} from '../std/quantity.ts'

export type Amount = string

export const compareAmounts = (a: Amount, b: Amount): number =>
  a === b ? 0 : compareQuantities(quantityOf(a), quantityOf(b))

export const addAmounts = (a: Amount, b: Amount): Amount => quantityText(addQuantities(quantityOf(a), quantityOf(b)))

export const isZeroAmount = (amount: Amount): boolean => isZeroQuantity(quantityOf(amount))

export const isNegativeAmount = (amount: Amount): boolean => quantityOf(amount).amount < 0

export const isPositiveAmount = (amount: Amount): boolean => quantityOf(amount).amount > 0

const MOST_THOUSANDTHS = 2 ** 63

/** As upstream looks at it: to a thousandth, and amounts that overflow in thousandths are not whole. */
export function isWholeAmount(amount: Amount): boolean {
  const thousandths = milliValueOfQuantity(quantityOf(amount))
  return thousandths < MOST_THOUSANDTHS && thousandths % 1000 === 0
}

/** Whether pages of this size add up to the amount. */
export function isMultipleOfAmount(amount: Amount, unit: Amount): boolean {
  const size = valueOfQuantity(quantityOf(unit))
  return size > 0 && valueOfQuantity(quantityOf(amount)) % size === 0
}

/** Nobody is given less than a thousandth: finer amounts are rounded up. */
export function roundedAmounts(amounts: Readonly<Record<string, Amount>>): Readonly<Record<string, Amount>> {
  let rounded: Record<string, Amount> | undefined
  for (const [name, amount] of Object.entries(amounts)) {
    const text = roundedAmount(amount)
    if (text !== amount) (rounded ??= { ...amounts })[name] = text
  }
  return rounded ?? amounts
}

function roundedAmount(amount: Amount): Amount {
  const from = quantityOf(amount)
  const rounded = roundedQuantity(from, -3)
  return rounded === from ? amount : quantityText(rounded)
}
