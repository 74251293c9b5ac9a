export const validateNamespace = () => []
export const validateNamespaceUpdate = () => []
