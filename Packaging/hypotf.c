/* The standard library refers to hypotf, which glibc 2.35 gave a new version; the platform has 2.34. A float's square fits a
   double without rounding or overflow, so this is exact to the last bit but one. */
#include <math.h>
float hypotf(float x, float y) { return (float)sqrt((double)x * x + (double)y * y); }
