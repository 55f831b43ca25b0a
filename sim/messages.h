/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What each vfio-user command does. Handlers return 0 or the errno of the error reply. */
#ifndef SIM_MESSAGES_H
#define SIM_MESSAGES_H

#include "server.h"

int message_handle(struct server *server, uint16_t command, struct request *request,
		   struct answer *answer);

/* version.c */
int message_version(struct server *server, struct request *request, struct answer *answer);

/* region.c */
int message_region_info(struct server *server, struct request *request, struct answer *answer);
int message_region_io_fds(struct server *server, struct request *request,
			  struct answer *answer);
int message_region_read(struct server *server, struct request *request, struct answer *answer);
int message_region_write(struct server *server, struct request *request,
			 struct answer *answer);
int message_region_write_multi(struct server *server, struct request *request,
			       struct answer *answer);

#endif
