package jobs

// DropRefused is what becomes of an object whose message could not be published.
var DropRefused = dropRefused
