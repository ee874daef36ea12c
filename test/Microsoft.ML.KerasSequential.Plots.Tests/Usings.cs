global using Microsoft.VisualStudio.TestTools.UnitTesting;

// The font of plots is a process-wide setting.
[assembly: DoNotParallelize]
