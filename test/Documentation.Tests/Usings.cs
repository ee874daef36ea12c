global using Microsoft.VisualStudio.TestTools.UnitTesting;

// Programs of pages share the console, the current folder and the worker threads: one test at a time.
[assembly: DoNotParallelize]
