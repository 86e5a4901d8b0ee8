/** How many rows of a list are seen: those that do not fit wrap into columns beside it. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";

/** Return what to hang on the list, and how many of its rows stand in the first column. */
export function useFitting<T extends HTMLElement>(rows: number): [RefObject<T | null>, number] {
  const list = useRef<T>(null);
  const [fitting, setFitting] = useState(rows);
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return undefined;
    const look = () => {
      const children = [...element.children] as HTMLElement[];
      const left = children[0]?.offsetLeft ?? 0;
      setFitting(children.filter((child) => child.offsetLeft === left).length);
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, [rows]);
  return [list, Math.min(fitting, rows)];
}
