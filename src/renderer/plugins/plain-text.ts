/** Characters that draw nothing, or change how the text around them is drawn. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A text that a stranger wrote, as one line on which every character is seen: nothing in it can turn
 * the direction of what stands beside it, or hide a part of itself.
 */
export function plainText(text: string, most = 200): string {
  const seen = text.replaceAll(UNSEEN, '\ufffd');
  return seen.length > most ? `${seen.slice(0, most)}…` : seen;
}
