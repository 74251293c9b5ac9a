export const validatePodUpdate = () => []
