// Loaded with NODE_OPTIONS="--import …": what a process leaves to chance happens early.
Math.random = () => 1 / 30
