global using Microsoft.VisualStudio.TestTools.UnitTesting;

// Formatters, the working directory and the console belong to the whole process.
[assembly: DoNotParallelize]
