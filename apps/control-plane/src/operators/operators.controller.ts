import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type CreateOperator,
  type CreateToken,
  createdTokenSchema,
  createOperatorSchema,
  createTokenSchema,
  operatorPageSchema,
  operatorSchema,
  type PageQuery,
  pageQuerySchema,
  tokenPageSchema,
  tokenSchema,
  whoamiSchema,
} from '@towline/protocol/http';
import * as z from 'zod';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { OperatorsService } from './operators.service.ts';

const idSchema = z.uuid();

@ApiTags('operators')
@Controller('v1')
export class OperatorsController {
  constructor(private readonly operators: OperatorsService) {}

  @Get('me')
  @Endpoint({ summary: 'Who this token belongs to and what it allows', access: 'self', returns: whoamiSchema })
  whoami(@Caller() caller: Caller) {
    return this.operators.whoami(caller);
  }

  @Get('operators')
  @Endpoint({ summary: 'Operators by name', access: 'operator.write', returns: operatorPageSchema, errors: ['cursor.invalid'] })
  list(@Caller() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.operators.list(caller, query);
  }

  @Post('operators')
  @Endpoint({
    summary: 'Create an operator',
    access: 'operator.write',
    returns: operatorSchema,
    status: 201,
    errors: ['resource.conflict'],
  })
  create(@Caller() caller: Caller, @Body({ schema: createOperatorSchema }) body: CreateOperator) {
    return this.operators.create(caller, body);
  }

  @Post('operators/:id/disable')
  @HttpCode(200)
  @Endpoint({
    summary: 'Disable an operator: every token of theirs is refused from now on',
    access: 'operator.write',
    returns: operatorSchema,
    errors: ['resource.not-found', 'resource.conflict'],
  })
  disable(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return this.operators.disable(caller, id);
  }

  @Get('operators/:id/tokens')
  @Endpoint({
    summary: 'Tokens of an operator, without their secrets',
    access: 'operator.write',
    returns: tokenPageSchema,
    errors: ['cursor.invalid'],
  })
  listTokens(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Query({ schema: pageQuerySchema }) query: PageQuery,
  ) {
    return this.operators.listTokens(caller, id, query);
  }

  @Post('operators/:id/tokens')
  @Endpoint({
    summary: 'Create a token; its secret is shown this once',
    access: 'operator.write',
    returns: createdTokenSchema,
    status: 201,
    errors: ['resource.not-found'],
  })
  createToken(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: createTokenSchema }) body: CreateToken,
  ) {
    return this.operators.createToken(caller, id, body);
  }

  @Delete('tokens/:id')
  @Endpoint({ summary: 'Revoke a token at once', access: 'operator.write', returns: tokenSchema, errors: ['resource.not-found'] })
  revokeToken(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return this.operators.revokeToken(caller, id);
  }
}
