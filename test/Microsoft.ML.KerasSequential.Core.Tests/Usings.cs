global using Microsoft.VisualStudio.TestTools.UnitTesting;

// Models share the worker threads, and some tests set their number: one test at a time.
[assembly: DoNotParallelize]
