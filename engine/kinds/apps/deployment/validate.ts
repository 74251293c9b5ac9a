export const validateDeployment = () => []
export const validateDeploymentUpdate = () => []
