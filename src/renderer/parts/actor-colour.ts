/** The token of an actor's colour; after six, colours repeat (and the lane's label says who). */
export function actorColour(actors: readonly string[], actor: string): string {
  const index = Math.max(0, actors.indexOf(actor));
  return `var(--actor-${(index % 6) + 1})`;
}
