/*
 * image.h - full-page images: back to the page as it was.
 */
#ifndef WPI_IMAGE_H
#define WPI_IMAGE_H

#include <walparse/profile.h>
#include <walparse/status.h>

/* Largest BLCKSZ a server can be built with. */
#define WPI_BLOCK_BYTES_MAX 32768

typedef struct wpi_image {
    wp_view bytes; /* as stored, maybe compressed */
    uint16_t hole_offset,
        hole_length; /* hole_length 0: none, or (not compressed) implied by the length */
    uint8_t info;    /* bimg_info */
} wpi_image;

/*
 * Restores a page of page_bytes into page (room for that many). WP_ERR_DAMAGE: the image contradicts
 * itself or does not unpack to exactly one page; WP_ERR_LIMIT: packed with a method this build lacks.
 * On failure the content of page is undefined. hole: bytes page_bytes - length when not compressed and
 * the has-hole bit (0x01) is set.
 */
wp_status wpi_image_restore(const wp_profile *profile, const wpi_image *image, uint8_t *page,
                            size_t page_bytes);

#endif
