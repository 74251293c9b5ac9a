export const validateLease = () => []
