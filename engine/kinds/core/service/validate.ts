export const validateService = () => []
export const validateServiceUpdate = () => []
