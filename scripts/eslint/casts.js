// For ESLint's no-restricted-syntax: `x as unknown as T` tells the compiler nothing it can check.
export const throughUnknown = {
  selector: 'TSAsExpression > TSAsExpression[typeAnnotation.type="TSUnknownKeyword"]',
  message: 'A cast through unknown can say anything: give what is cast its type.',
};
