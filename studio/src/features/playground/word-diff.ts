/** A piece of two texts: what both have, or what one has alone. */
export interface Piece {
  text: string;
  only: "left" | "right" | null;
}

/** Two answers word by word: their lines are too long to compare as such. */
export async function wordDiff(left: string, right: string): Promise<Piece[]> {
  const { diffWordsWithSpace } = await import("diff");
  return diffWordsWithSpace(left, right).map(({ value, added, removed }) => ({ text: value, only: added ? "right" : removed ? "left" : null }));
}
