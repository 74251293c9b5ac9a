/** Amounts as objects hold them: canonical texts, compared and added without anyone looking inside. */
import {
  addQuantities,
  compareQuantities,
  isZeroQuantity,
  quantityOf,
  quantityText,
  milliValueOfQuantity,
  valueOfQuantity,
} from '../std/quantity.ts'

export type Amount = string

export const compareAmounts = (a: Amount, b: Amount): number =>
  a === b ? 0 : compareQuantities(quantityOf(a), quantityOf(b))

export const addAmounts = (a: Amount, b: Amount): Amount => quantityText(addQuantities(quantityOf(a), quantityOf(b)))

export const isZeroAmount = (amount: Amount): boolean => isZeroQuantity(quantityOf(amount))

export const isNegativeAmount = (amount: Amount): boolean => quantityOf(amount).amount < 0

export const isPositiveAmount = (amount: Amount): boolean => quantityOf(amount).amount > 0

/** To a thousandth, as upstream looks at it. */
export const isWholeAmount = (amount: Amount): boolean => milliValueOfQuantity(quantityOf(amount)) % 1000 === 0

/** Whether pages of this size add up to the amount. */
export function isMultipleOfAmount(amount: Amount, unit: Amount): boolean {
  const size = valueOfQuantity(quantityOf(unit))
  return size > 0 && valueOfQuantity(quantityOf(amount)) % size === 0
}
