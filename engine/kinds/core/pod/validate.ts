export const validatePod = () => []
export const validatePodUpdate = () => []
