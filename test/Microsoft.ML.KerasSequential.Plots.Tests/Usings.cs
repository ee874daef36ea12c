global using Microsoft.VisualStudio.TestTools.UnitTesting;

// The font of the pictures is the process's.
[assembly: DoNotParallelize]
