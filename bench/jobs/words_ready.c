/* W1 with what is ready-made: how often each word occurs, where all bytes up to
 * the space separate.  rivulet run words_ready.c INPUT [OUTPUT] */
#include <rivulet.h>

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *words = riv_words(lines, NULL);
    riv_save_text(riv_count_by_value(words, NULL), argc > 2 ? argv[2] : "-",
                  NULL);
    return 0;
}
