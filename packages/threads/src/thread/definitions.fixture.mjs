// A module that says when it was loaded, and how often.

globalThis.definitionsLoaded = (globalThis.definitionsLoaded ?? 0) + 1

export const nothing = 'that is a definition'
