export const validateNode = () => []
export const validateNodeUpdate = () => []
