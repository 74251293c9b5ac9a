export const validateEventsV1 = () => []
export const validateEventsV1Update = () => []
