import { expect, it } from "vitest";
import { NODE_SIZE } from "./model";
import { laneOf, rounded } from "./route";

const { width } = NODE_SIZE;
const middle = width / 2;

it("falls straight where nothing is in the way", () => {
  expect(laneOf({ x: 0, y: 0 }, { x: 300, y: 260 }, [])).toBe(middle);
  expect(laneOf({ x: 0, y: 0 }, { x: 300, y: 260 }, [{ x: 10, y: 130 }])).toBe(300 + middle);
});

it("goes beside a node that it would run through", () => {
  const lane = laneOf({ x: 0, y: 0 }, { x: 0, y: 260 }, [{ x: 0, y: 130 }]);
  expect(lane < 0 || lane > width).toBe(true);
});

it("leads back at the right of all that it passes", () => {
  expect(laneOf({ x: 0, y: 260 }, { x: 0, y: 0 }, [])).toBeGreaterThan(width);
  expect(laneOf({ x: 0, y: 260 }, { x: 0, y: 0 }, [{ x: 200, y: 130 }])).toBeGreaterThan(200 + width);
});

it("rounds the corners of a way", () => {
  expect(rounded([{ x: 0, y: 0 }, { x: 0, y: 50 }, { x: 50, y: 50 }])).toBe("M0,0L0,40Q0,50 10,50L50,50");
  expect(rounded([{ x: 0, y: 0 }, { x: 0, y: 0 }, { x: 0, y: 5 }])).toBe("M0,0L0,5");
});
