export const validateEvent = () => []
export const validateEventUpdate = () => []
