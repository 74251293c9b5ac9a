/** What the door could not read ends here, after it is known that the user may ask at all. */
import type { Stage } from '../exchange.ts'

export const understand: Stage = (exchange) => exchange.request.unreadable ?? exchange
