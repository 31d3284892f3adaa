/* glibc 2.35 gave these a new version; the platform has 2.34. The standard library of Swift refers to the one, FFmpeg to the
   other. A float's square fits a double, and a double's a long double, without overflow and but for a last bit or two
   exactly. */
#include <math.h>
float hypotf(float x, float y) { return (float)sqrt((double)x * x + (double)y * y); }
double hypot(double x, double y) { return (double)sqrtl((long double)x * x + (long double)y * y); }
