/** The document of /what-if/camera: what a camera that is added, turned, tilted or moved changes. */
export interface TrialChange {
  readonly op: "add" | "edit" | "move";
  readonly layer: string;
  readonly feature_id?: number;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly geometry?: GeoJSON.Geometry;
}

export interface TrialCell {
  readonly cell: string;
  /** Share of the ground that is seen, 0 to 1. */
  readonly before: number;
  readonly after: number;
  readonly geometry: GeoJSON.Geometry;
}

export interface TrialAnswer {
  readonly task: string;
  /** Ground that only this camera sees, won and lost. */
  readonly gained_m2: number;
  readonly lost_m2: number;
  readonly before: readonly GeoJSON.Geometry[];
  readonly after: readonly GeoJSON.Geometry[];
  readonly cells: readonly TrialCell[];
  /** The direction that was tried: with `best` the one that was found. */
  readonly azimuth_deg: number | null;
  readonly change: TrialChange;
}
