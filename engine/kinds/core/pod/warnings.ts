export const podWarnings = () => []
