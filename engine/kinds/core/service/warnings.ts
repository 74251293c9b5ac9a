export const serviceWarnings = () => []
